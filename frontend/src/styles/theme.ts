import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, Menu, Notification } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { createElement } from "react";
import notification from "./Notification.module.css";

const petrol: MantineColorsTuple = [
  "#E6F2F5",
  "#CDE6EC",
  "#A5D7E0",
  "#79CFDD",
  "#5DBCCC",
  "#268CA0",
  "#0B6478",
  "#08525F",
  "#0A4352",
  "#06323D",
];
const gray: MantineColorsTuple = [
  "#F5F7F7",
  "#EDF1F2",
  "#EBEFF0",
  "#E5EAEC",
  "#DFE5E7",
  "#82909A",
  "#5F6E77",
  "#46565F",
  "#2B3A42",
  "#14232B",
];
const dark: MantineColorsTuple = [
  "#E7EDEF",
  "#AAB8BE",
  "#8C9BA3",
  "#6A7982",
  "#29353B",
  "#1F2A2F",
  "#1A252A",
  "#151E22",
  "#0E1518",
  "#0A1012",
];

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { petrol, gray, dark },
  white: "#FFFFFF",
  black: "#14232B",
  defaultRadius: 8,
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  fontFamily: '"Inter Variable", -apple-system, "Segoe UI Variable", "Segoe UI", system-ui, sans-serif',
  fontSizes: { xs: "12.5px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  radius: { xs: "6px", sm: "8px", md: "10px", lg: "12px", xl: "16px" },
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "28px" },
      h2: { fontSize: "18px", lineHeight: "26px" },
      h3: { fontSize: "16px", lineHeight: "22px" },
    },
  },
  components: {
    // A menu's children are its items and nothing else.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    // It confirms what was done. The region around it is the live one; an error is never shown here.
    Notification: Notification.extend({
      defaultProps: {
        role: "none",
        icon: createElement(IconCheck, { size: 16, stroke: 2, "aria-hidden": true }),
        withCloseButton: false,
        classNames: notification,
      },
    }),
  },
  shadows: {
    xs: "0 1px 2px #1020280F",
    md: "0 4px 16px #1020281A, 0 1px 3px #10202814",
    xl: "0 18px 48px #1020282E, 0 2px 8px #10202814",
  },
});

type Tokens = Record<`--lk-${string}`, string>;

const light: Tokens = {
  "--lk-canvas": "#F5F7F7",
  "--lk-surface": "#FFFFFF",
  "--lk-sunken": "#EDF1F2",
  "--lk-hover": "#F3F6F7",
  "--lk-text": "#14232B",
  "--lk-text-2": "#46565F",
  "--lk-text-3": "#5F6E77",
  "--lk-line": "#DFE5E7",
  "--lk-line-2": "#EBEFF0",
  "--lk-strong": "#82909A",
  "--lk-primary": "#0B6478",
  "--lk-fill": "#0B6478",
  "--lk-on-fill": "#FFFFFF",
  "--lk-fill-hover": "#08525F",
  "--lk-primary-tint": "#E6F2F5",
  "--lk-pending": "#2A5A9B",
  "--lk-pending-tint": "#E8F0FA",
  "--lk-connected": "#12683D",
  "--lk-connected-tint": "#E3F4EA",
  "--lk-waiting": "#855000",
  "--lk-waiting-tint": "#FCF0DA",
  "--lk-waiting-ring": "#C27A00",
  "--lk-failed": "#B3261E",
  "--lk-failed-tint": "#FCEBE9",
  "--lk-failed-dot": "#D92D20",
  "--lk-expired": "#55636B",
  "--lk-expired-tint": "#EBEEEF",
  "--lk-e1": "0 1px 2px #1020280F",
  "--lk-e2": "0 4px 16px #1020281A, 0 1px 3px #10202814",
  "--lk-e3": "0 18px 48px #1020282E, 0 2px 8px #10202814",
};

const night: Tokens = {
  "--lk-canvas": "#0E1518",
  "--lk-surface": "#151E22",
  "--lk-sunken": "#0A1012",
  "--lk-hover": "#1A252A",
  "--lk-text": "#E7EDEF",
  "--lk-text-2": "#AAB8BE",
  "--lk-text-3": "#8C9BA3",
  "--lk-line": "#29353B",
  "--lk-line-2": "#1F2A2F",
  "--lk-strong": "#6A7982",
  "--lk-primary": "#6CC5D4",
  "--lk-fill": "#5DBCCC",
  "--lk-on-fill": "#06222A",
  "--lk-fill-hover": "#79CFDD",
  "--lk-primary-tint": "#14303A",
  "--lk-pending": "#93BCF3",
  "--lk-pending-tint": "#17273D",
  "--lk-connected": "#73D49F",
  "--lk-connected-tint": "#112B1E",
  "--lk-waiting": "#F0BC62",
  "--lk-waiting-tint": "#30250F",
  "--lk-waiting-ring": "#F0BC62",
  "--lk-failed": "#FF958B",
  "--lk-failed-tint": "#3A1B18",
  "--lk-failed-dot": "#FF5F52",
  "--lk-expired": "#A7B4BA",
  "--lk-expired-tint": "#232E33",
  "--lk-e1": "none",
  "--lk-e2": "0 4px 16px #00000080, 0 0 0 1px #2E3B41",
  "--lk-e3": "0 18px 48px #000000A6, 0 0 0 1px #2E3B41",
};

const mantine = (t: Tokens): Record<string, string> => ({
  ...t,
  "--mantine-color-placeholder": t["--lk-text-3"] ?? "",
  "--mantine-color-dimmed": t["--lk-text-2"] ?? "",
  "--mantine-color-error": t["--lk-failed"] ?? "",
  "--mantine-color-anchor": t["--lk-primary"] ?? "",
  "--mantine-color-body": t["--lk-surface"] ?? "",
  "--mantine-color-text": t["--lk-text"] ?? "",
  "--mantine-color-default-border": t["--lk-strong"] ?? "",
});

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: mantine(light), dark: mantine(night) });
