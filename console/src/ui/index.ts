/** Everything that is drawn comes from here: the only door to the component library. */
export {
  ActionIcon, Alert, Autocomplete, Avatar, Badge, Box, Button, Checkbox, Collapse, CopyButton, Divider, FileButton, Group, Indicator, Kbd, Loader,
  Menu, Modal, MultiSelect, NumberInput, PasswordInput, Popover, Progress, Radio, RingProgress, ScrollArea, SegmentedControl, Select, SimpleGrid,
  Skeleton, Slider, Stack, Stepper, Switch, Tabs, TagsInput, Text, Textarea, TextInput, Title, Tooltip, UnstyledButton,
  useComputedColorScheme, useMantineColorScheme,
} from "@mantine/core";
export { useForm } from "@mantine/form";
export { useClipboard, useDebouncedValue, useDisclosure, useElementSize, useHotkeys, useLocalStorage, useMediaQuery } from "@mantine/hooks";
export * from "./Age";
export * from "./confirm";
export * from "./Copyable";
export * from "./DataTable";
export * from "./Difference";
export * from "./Empty";
export * from "./Fault";
export * from "./icons";
export * from "./Form";
export * from "./Page";
export * from "./Permitted";
export * from "./Secret";
export * from "./Status";
export * from "./Table";
export * from "./toast";
export * from "./Usage";
export * from "./Warning";
export * from "./YamlEditor";
export { useAskBeforeLeaving } from "./leaving";
