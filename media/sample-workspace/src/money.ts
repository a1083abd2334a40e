/** Amounts are kept in cents, so that sums stay exact. */
export type Cents = number;

/** 19.99 euros are 1999 cents. */
export function toCents(euros: number): Cents {
  return Math.floor(euros * 100);
}

/** 1999 cents are written `19.99`. */
export function format(cents: Cents): string {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(cents) / 100);
  const rest = Math.abs(cents) % 100;
  return `${sign}${whole}.${String(rest).padStart(2, '0')}`;
}
