import { WsException } from '@nestjs/websockets';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { MemberDto } from './chat.dto.js';
import type { Member } from './chat-events.js';

/**
 * Reads who is connecting from the query (`?id=…&name=…`). A real application takes this from a verified
 * token; here everybody is who they say they are.
 */
export function memberFrom(query: URLSearchParams): Member {
  const member = plainToInstance(MemberDto, { id: query.get('id'), name: query.get('name')?.trim() });
  if (validateSync(member).length > 0) throw new WsException('A name of 1 to 40 characters is needed');
  return { id: member.id, name: member.name };
}
