/**
 * A handler for a front that only its owner can reach (loopback, plain HTTP): who shows no credentials is the admin. Go clients
 * send no tokens over plain HTTP, so without this they would be nobody.
 *
 * A web page that the owner visits can reach loopback too. Browsers say where a request comes from, and resolve names to
 * wherever they are told: what comes from a page, or for a name that isn't this machine's, is refused.
 */
import type { HttpCall, HttpHandler } from "../../platform/http.ts";
import type { User } from "../auth/user.ts";
import { errorReply } from "./errors.ts";
import type { ApiServer } from "./server.ts";
import { StatusError } from "./status-error.ts";

const OWN_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

export function trusting(server: ApiServer, owner: User): HttpHandler {
  return {
    handle(call) {
      const stranger = whyStranger(call);
      if (stranger !== undefined) return errorReply(server.kernel, new StatusError(403, "Forbidden", stranger), call.headers["accept"]);
      return server.handle(call, call.headers["authorization"] === undefined ? owner : undefined);
    },
  };
}

function whyStranger({ headers }: HttpCall): string | undefined {
  if (headers["origin"] !== undefined || headers["sec-fetch-site"] !== undefined) return "requests of web pages are not served here";
  const { host } = headers;
  return host !== undefined && !OWN_NAME.test(host) ? `this server is not ${host}` : undefined;
}
