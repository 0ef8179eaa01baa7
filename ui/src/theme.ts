import { createTheme, type CSSVariablesResolver, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e8f6f3", "#d0ece6", "#a1d9cd", "#6fc5b2", "#46b39c", "#2a9a84", "#14806b", "#0f6b5c", "#0b574b", "#07423a",
];

// From text to the page's ground, in the blue-grey of the surfaces below.
const dark: MantineColorsTuple = [
  "#e3e8ee", "#c3ccd5", "#9ba7b4", "#6c7885", "#353f4a", "#2a323c", "#1b2128", "#161b21", "#11161b", "#0e1216",
];

export const theme = createTheme({
  primaryColor: "teal",
  colors: { teal, dark },
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "19px" },
  headings: { fontWeight: "650" },
});

/** Mantine's own dimmed text has less than 4.5:1; surfaces follow the charts' needs. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#56606c",
    "--mantine-color-body": "#f5f6f8",
    "--mantine-color-placeholder": "#66707c",
    "--mantine-color-error": "#b3121f",
    "--lgtm-card": "#ffffff",
    "--lgtm-raised": "#f0f2f5",
    "--lgtm-border": "#dfe3e8",
    "--lgtm-grid": "#e9ecf0",
    "--lgtm-axis": "#56606c",
    "--lgtm-error": "#b3121f",
    "--lgtm-error-soft": "#fdecee",
    "--lgtm-warn": "#855700",
    "--lgtm-warn-soft": "#fdf3dc",
    "--lgtm-ok": "#0b6b4f",
    "--lgtm-ok-soft": "#e5f5ef",
    "--lgtm-info": "#0b5aa8",
    "--lgtm-info-soft": "#e6f0fb",
    "--lgtm-link": "#0b5f9e",
    "--lgtm-badge-error": "#b3121f",
    "--lgtm-badge-warn": "#855700",
    "--lgtm-badge-info": "#0b5aa8",
    "--lgtm-badge-text": "#ffffff",
  },
  dark: {
    "--mantine-color-dimmed": "#9ba7b4",
    "--mantine-color-body": "#0e1216",
    "--mantine-color-text": "#e3e8ee",
    "--mantine-color-placeholder": "#8f9aa7",
    "--mantine-color-error": "#ff8b93",
    "--mantine-color-default": "#1b2128",
    "--mantine-color-default-hover": "#232b34",
    "--mantine-color-default-border": "#353f4a",
    "--mantine-color-default-color": "#e3e8ee",
    "--lgtm-card": "#161b21",
    "--lgtm-raised": "#1e252d",
    "--lgtm-border": "#2a323c",
    "--lgtm-grid": "#232a33",
    "--lgtm-axis": "#9ba7b4",
    "--lgtm-error": "#ff8b93",
    "--lgtm-error-soft": "#3a1c21",
    "--lgtm-warn": "#ecc05a",
    "--lgtm-warn-soft": "#352a12",
    "--lgtm-ok": "#4fd1a5",
    "--lgtm-ok-soft": "#12302a",
    "--lgtm-info": "#7dbcff",
    "--lgtm-info-soft": "#152a42",
    "--lgtm-link": "#79bdfb",
    "--lgtm-badge-error": "#ff8b93",
    "--lgtm-badge-warn": "#ecc05a",
    "--lgtm-badge-info": "#7dbcff",
    "--lgtm-badge-text": "#0e1216",
  },
});

export const schemeManager = localStorageColorSchemeManager({ key: "lgtm-color-scheme" });
