import { ArrayMaxSize, IsArray, IsString, Length, Matches } from 'class-validator';

export const roomName = /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,39}$/u;
const messageId = /^[\w-]{8,64}$/;

/** Names a room. */
export class RoomDto {
  @Matches(roomName, { message: 'room: letters, digits, - and _, at most 40' })
  readonly room!: string;
}

/** A line that somebody wrote. */
export class PostMessageDto extends RoomDto {
  @Matches(messageId)
  readonly id!: string;

  @IsString()
  @Length(1, 2_000)
  readonly text!: string;
}

/** Messages that a page has shown. */
export class ReceivedDto extends RoomDto {
  @IsArray()
  @ArrayMaxSize(50)
  @Matches(messageId, { each: true })
  readonly ids!: string[];
}

/** Who a tab says it is, in the query of its handshake. */
export class MemberDto {
  @Matches(messageId)
  readonly id!: string;

  @IsString()
  @Length(1, 40)
  readonly name!: string;
}
