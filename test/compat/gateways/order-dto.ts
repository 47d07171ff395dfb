import { IsInt, IsString, Min } from 'class-validator';

/** A body for the validation scenarios. */
export class OrderDto {
  @IsString()
  item!: string;

  @IsInt()
  @Min(1)
  amount!: number;

  total?(): string;
}

OrderDto.prototype.total = function total(this: OrderDto) {
  return `${this.amount} × ${this.item}`;
};
