/** Mantine in our colours, sizes and type. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const brand: MantineColorsTuple = [
  "#eef2ff", "#dfe6fd", "#bccbfa", "#94abf5", "#7390f0", "#5675e8", "#3f5fe0", "#3451d1", "#2a43b5", "#1f3391",
];
const dark: MantineColorsTuple = [
  "#e7eaf0", "#c5ccd7", "#a3adbc", "#8e99a9", "#3a4352", "#2a313d", "#1d232d", "#171c24", "#11151c", "#0d1117",
];
const red: MantineColorsTuple = [
  "#fdefee", "#fbdcda", "#f5b5b2", "#ee8c88", "#e56a65", "#d94a45", "#cb3431", "#bc2323", "#9e1b1b", "#801414",
];

export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: { light: 7, dark: 6 },
  colors: { brand, dark, red },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "14px", xl: "16px" },
  defaultRadius: "6px",
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "18px" }, h2: { fontSize: "16px" }, h3: { fontSize: "14px" } } },
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 28 } },
    TextInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", checkIconPosition: "right" } },
    MultiSelect: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    Autocomplete: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    Radio: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    Menu: { defaultProps: { shadow: "md", position: "bottom-end" } },
    Modal: { defaultProps: { centered: true } },
  },
});
