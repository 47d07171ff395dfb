import { IsIn, IsInt, Max, Min } from 'class-validator';
import { symbols } from '../market/market-ticker.js';

/** An order, to be executed at once. */
export class OrderDto {
  @IsIn(symbols)
  readonly symbol!: string;

  @IsIn(['buy', 'sell'])
  readonly side!: 'buy' | 'sell';

  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly quantity!: number;
}
