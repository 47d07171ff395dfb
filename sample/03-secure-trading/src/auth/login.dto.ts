import { IsString, Length } from 'class-validator';

/** What the login page sends. */
export class LoginDto {
  @IsString()
  @Length(1, 40)
  readonly user!: string;

  @IsString()
  @Length(1, 200)
  readonly password!: string;
}
