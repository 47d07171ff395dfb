import { IsInt, IsString, Matches, MaxLength, Min } from 'class-validator';
import type { Change } from './notes-events.js';

const id = /^[\w-]{8,64}$/;

/** A change, as it comes from a page. */
export class ChangeDto implements Change {
  @Matches(id)
  readonly id!: string;

  @IsString()
  @MaxLength(20_000)
  readonly text!: string;

  @Matches(id)
  readonly change!: string;

  @Matches(id)
  readonly author!: string;

  @IsInt()
  @Min(0)
  readonly basedOn!: number;
}
