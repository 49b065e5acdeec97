/** The bar above everything: where one is, the search, and oneself. */
import { useLingui, Trans } from "@lingui/react/macro";
import { request } from "@/api/client";
import { choose, useMe } from "@/api/session";
import { type Language, LANGUAGES } from "@/i18n";
import { Go, useGo } from "@/router/Go";
import { useScope } from "@/router/scope";
import {
  ActionIcon, Avatar, IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconSearch, IconSelector, IconSun, IconTerminal2, IconUser, Kbd, Menu, useMantineColorScheme,
} from "@/ui";
import { Bell } from "./Bell";
import { openDock } from "./dock/store";
import { Mark } from "./Mark";
import { openPalette } from "./palette/open";
import { Pin } from "./Pin";
import { ScopeSwitch } from "./ScopeSwitch";
import styles from "./TopBar.module.css";

export function TopBar({ onMenu }: { onMenu: () => void }) {
  const { t } = useLingui();
  return (
    <header className={styles.bar}>
      <ActionIcon className={styles.menu} aria-label={t`Navigation`} onClick={onMenu}>
        <IconSelector size={18} />
      </ActionIcon>
      <Go to="/home" className={styles.brand}>
        <Mark /> <span>Armillary</span>
      </Go>
      <ScopeSwitch />
      <button type="button" className={styles.search} onClick={openPalette}>
        <IconSearch size={15} aria-hidden />
        <span className="clip"><Trans>Search or jump to…</Trans></span>
        <Kbd size="xs">Ctrl K</Kbd>
      </button>
      <div className={styles.end}>
        <Pin />
        <Bell />
        <span className={styles.wide}>
          <Kubectl />
          <Languages />
          <Theme />
        </span>
        <Myself />
      </div>
    </header>
  );
}

/** Looking where one is. */
function Kubectl() {
  const { t } = useLingui();
  const { cluster, namespace } = useScope();
  return (
    <ActionIcon aria-label={t`kubectl`} title={t`kubectl`} onClick={() => openDock({ type: "kubectl", cluster, namespace })}>
      <IconTerminal2 size={18} />
    </ActionIcon>
  );
}

function Languages() {
  const { t, i18n } = useLingui();
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t`Language`}>
          <IconLanguage size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <Menu.Item key={language} lang={language} aria-current={i18n.locale === language} onClick={() => void choose(language as Language)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Theme() {
  const { t } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Shown = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop }[colorScheme];
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={t`Appearance`}>
          <Shown size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSun size={15} />} onClick={() => setColorScheme("light")}><Trans>Light</Trans></Menu.Item>
        <Menu.Item leftSection={<IconMoon size={15} />} onClick={() => setColorScheme("dark")}><Trans>Dark</Trans></Menu.Item>
        <Menu.Item leftSection={<IconDeviceDesktop size={15} />} onClick={() => setColorScheme("auto")}><Trans>As the system</Trans></Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Myself() {
  const { t } = useLingui();
  const me = useMe();
  const go = useGo();
  const name = me.displayName || me.name;
  const leave = async () => {
    await request("POST", "/platform/v1/logout").catch(() => undefined);
    location.assign("/oauth/login?next=/");
  };
  return (
    <Menu width={220}>
      <Menu.Target>
        <ActionIcon size={30} radius="xl">
          <span className="sr-only">{t`Your account, ${name}`}</span>
          <Avatar size={28} color="brand" name={name} variant="filled" aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item leftSection={<IconUser size={15} />} onClick={() => go("/me")}>
          <Trans>Settings</Trans>
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void leave()}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
