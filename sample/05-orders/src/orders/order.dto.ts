import { IsInt, IsString, Length, Max, Min } from 'class-validator';
import type { Order } from './orders-events.js';

/** An order, as it comes from a page. */
export class OrderDto implements Order {
  @IsString()
  @Length(1, 40)
  readonly drink!: string;

  @IsInt()
  @Min(1)
  @Max(9)
  readonly cups!: number;
}
