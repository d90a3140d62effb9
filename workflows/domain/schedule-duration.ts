const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `10s`, `1m`, `1h30m`, `2d` as milliseconds; null for any other text. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,6}[dhms])+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  const order = parts.map(([, , unit]) => 'dhms'.indexOf(unit ?? ''));
  if (order.some((place, i) => i > 0 && place <= (order[i - 1] ?? 0))) return null;
  return parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * units[unit as keyof typeof units], 0);
}

/** The shortest text that {@link parseDuration} reads as the same: 90 s are `1m30s`. Milliseconds stay visible. */
export function durationText(ms: number): string {
  let rest = Math.floor(ms / 1000);
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const whole = Math.floor(rest / (units[unit] / 1000));
    rest -= whole * (units[unit] / 1000);
    if (whole > 0) parts.push(`${whole}${unit}`);
  }
  if (ms % 1000 !== 0) parts.push(`${ms % 1000}ms`);
  return parts.join('') || '0s';
}
