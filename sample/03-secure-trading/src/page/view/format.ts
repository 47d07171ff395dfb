const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });
const percent = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 2,
  signDisplay: 'exceptZero',
});

export function formatPrice(price: number): string {
  return money.format(price);
}

export function formatChange(change: number): string {
  return percent.format(change);
}

export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
