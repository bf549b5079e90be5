// Ends the push messages of this browser at sign-out. See the form in design.rs.
import { enhance } from "/mfa/assets/challenges.js";

enhance();
