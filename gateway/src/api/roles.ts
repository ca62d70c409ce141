import type { FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

/** Throws the problem of a key whose role is none of those given. */
export function requireRole(request: FastifyRequest, ...roles: readonly ('admin' | 'operator')[]): void {
  const role = request.apiKey?.role;
  if (roles.some((allowed) => allowed === role)) return;
  throw new ProblemError(403, 'forbidden', `This needs a key with the role ${roles.join(' or ')}.`);
}

/** A hook for `onRequest`, so that it comes before anything else of the request is looked at: who may command charge points. */
export async function mayCommand(request: FastifyRequest): Promise<void> {
  requireRole(request, 'admin', 'operator');
}
