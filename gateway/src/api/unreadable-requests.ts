import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { ProblemError, problemDocument } from './problem.ts';

const TOO_SLOW = new ProblemError(408, 'request-too-slow', 'The request did not come in time.');
const TOO_LARGE = new ProblemError(431, 'header-too-large', 'The head of the request is too large.');
const UNREADABLE = new ProblemError(400, 'bad-request', 'This is no HTTP request.');

/** Answers what Node.js cannot read as a request with a problem, and ends its connection. */
export function refuseUnreadable(error: ConnectionError, socket: Socket): void {
  if (socket.writable) socket.write(answerOf(problemOf(error)));
  socket.destroy(error);
}

function problemOf({ code }: ConnectionError): ProblemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return TOO_SLOW;
  return code === 'HPE_HEADER_OVERFLOW' ? TOO_LARGE : UNREADABLE;
}

function answerOf(problem: ProblemError): string {
  const { instance: _, ...document } = problemDocument({ url: '', id: '' }, problem);
  const body = JSON.stringify(document);
  const head = [
    `HTTP/1.1 ${document.status} ${document.title}`,
    'Connection: close',
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
