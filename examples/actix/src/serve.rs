use std::io;
use std::net::TcpListener;

use actix_web::{App, HttpServer, web};
use demo_app::{Demo, MAX_BODY, Stop};

use crate::pages;

/// Serves the demo until `stop` completes.
pub(crate) async fn serve(demo: Demo, listener: TcpListener, stop: Stop) -> io::Result<()> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::ThinData(demo.site.clone()))
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .service(challenges_actix::service(demo.api.clone()))
            .default_service(web::to(pages::respond))
    });
    server.shutdown_signal(stop).listen(listener)?.run().await
}
