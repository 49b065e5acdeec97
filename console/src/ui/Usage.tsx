/** How much of a limit is used, as a bar with its numbers. */
import styles from "./Usage.module.css";

const TIGHT = 0.8;
const FULL = 0.95;

interface Props {
  label: string;
  used: number;
  hard: number;
  /** The amounts as text, such as `1.5 / 4 Gi`. */
  text: string;
}

export function Usage({ label, used, hard, text }: Props) {
  const share = hard > 0 ? used / hard : 0;
  const tone = share >= FULL ? "bad" : share >= TIGHT ? "warn" : "ok";
  return (
    <div className={styles.usage} data-tone={tone}>
      <span className="clip" title={label}>{label}</span>
      <span className="mono">{text}</span>
      <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={hard} aria-valuenow={used} aria-valuetext={text}>
        <i style={{ width: `${Math.min(100, share * 100)}%` }} />
      </div>
    </div>
  );
}
