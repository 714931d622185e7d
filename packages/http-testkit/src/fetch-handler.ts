/** Answers a Web-standard request. */
export type FetchHandler = (request: Request) => Response | Promise<Response>
