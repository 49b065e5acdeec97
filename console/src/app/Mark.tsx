/** The rings of an armillary sphere. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 40 40" fill="none" stroke="var(--accent)" strokeWidth="2.6" aria-hidden>
      <circle cx="20" cy="20" r="17" />
      <ellipse cx="20" cy="20" rx="17" ry="6" />
      <ellipse cx="20" cy="20" rx="6" ry="17" />
      <circle cx="20" cy="20" r="3" fill="var(--accent)" />
    </svg>
  );
}
