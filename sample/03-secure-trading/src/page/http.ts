import type { Login } from '../orders/trading-events.js';

/** @throws {Error} with what the server says, in words for people */
export async function logIn(user: string, password: string): Promise<Login> {
  return post('/login', { 'content-type': 'application/json' }, JSON.stringify({ user, password }));
}

/** A fresh token for one that is still good. */
export async function refresh(token: string): Promise<Pick<Login, 'token' | 'expiresAt'>> {
  return post('/refresh', { authorization: `Bearer ${token}` });
}

async function post<Answer>(url: string, headers: HeadersInit, body?: string): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) });
  const answer: unknown = await response.json();
  if (response.ok) return answer as Answer;
  const { message } = answer as { message: string | string[] };
  throw new Error(String(message));
}
