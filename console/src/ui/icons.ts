/** The icons in use, by what they mean here. */
export {
  IconActivity, IconAdjustments, IconAlertTriangle, IconApps, IconArrowBackUp, IconArrowsMaximize, IconArrowsMinimize, IconBell, IconBox, IconBoxMultiple, IconBuilding,
  IconCalendarClock, IconCheck, IconChevronDown, IconChevronRight, IconChevronUp, IconCircleCheck, IconClipboardList, IconClock, IconCloud, IconCode,
  IconColumns, IconCopy, IconCube, IconDatabase, IconDeviceDesktop, IconDots, IconDownload, IconEdit, IconEye, IconEyeOff, IconExternalLink,
  IconFileText, IconFilter, IconFocus, IconFolder, IconGauge, IconGitBranch, IconHelp, IconHistory, IconHome, IconKey, IconLanguage, IconLayoutDashboard,
  IconLink, IconLock, IconLogout, IconMinus, IconMoon, IconNetwork, IconPackage, IconPlayerPause, IconPlayerPlay, IconPlugConnected, IconPlus, IconRefresh,
  IconRocket, IconRoute, IconScale, IconSearch, IconSelector, IconServer, IconServer2, IconSettings, IconShield, IconShieldCheck, IconSitemap,
  IconStack2, IconStar, IconStarFilled, IconSun, IconTag, IconTerminal2, IconTopologyStar3, IconTrash, IconUpload, IconUser, IconUserPlus, IconUsers, IconUsersGroup, IconX,
} from "@tabler/icons-react";
export type { Icon } from "@tabler/icons-react";
