/** Plain text as the editor, until the real one is there. */
interface Props {
  value: string;
  onChange: (text: string) => void;
  readOnly?: boolean;
  label: string;
}

export default function YamlBox({ value, onChange, readOnly, label }: Props) {
  return <textarea spellCheck={false} wrap="off" aria-label={label} readOnly={readOnly} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}
