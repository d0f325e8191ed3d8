// Mantine's components as look.md draws them.
import {
  ActionIcon,
  Button,
  Card,
  Checkbox,
  Drawer,
  HoverCard,
  Input,
  InputWrapper,
  Loader,
  type MantineThemeComponents,
  Menu,
  Modal,
  Notification,
  Popover,
  SegmentedControl,
  Select,
  Skeleton,
  Switch,
} from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { createElement } from "react";
import actionIcon from "./ActionIcon.module.css";
import button from "./Button.module.css";
import card from "./Card.module.css";
import checkbox from "./Checkbox.module.css";
import drawer from "./Drawer.module.css";
import input from "./Input.module.css";
import wrapper from "./InputWrapper.module.css";
import loader from "./Loader.module.css";
import menu from "./Menu.module.css";
import modal from "./Modal.module.css";
import notification from "./Notification.module.css";
import popover from "./Popover.module.css";
import segmented from "./SegmentedControl.module.css";
import select from "./Select.module.css";
import skeleton from "./Skeleton.module.css";
import toggle from "./Switch.module.css";

const typed = { autoComplete: "off", autoCapitalize: "off", spellCheck: false } as const;

export const components: MantineThemeComponents = {
  ActionIcon: ActionIcon.extend({ defaultProps: { variant: "default", size: 36 }, classNames: actionIcon }),
  // Variants: default, filled for the one main action, subtle, danger, danger-filled. Sizes: xs 30, sm 36, md 42.
  Button: Button.extend({ defaultProps: { variant: "default" }, classNames: button }),
  Card: Card.extend({ classNames: card }),
  Checkbox: Checkbox.extend({ defaultProps: { size: "17px" }, classNames: checkbox }),
  Drawer: Drawer.extend({ classNames: drawer }),
  HoverCard: HoverCard.extend({ classNames: popover }),
  Input: Input.extend({ classNames: input }),
  // An error is announced also where its field has the focus already.
  InputWrapper: InputWrapper.extend({
    defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"], errorProps: { role: "alert" } },
    classNames: wrapper,
  }),
  Loader: Loader.extend({ defaultProps: { size: 16, "aria-hidden": true }, classNames: loader }),
  // A menu's children are its items and nothing else.
  Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false }, classNames: menu }),
  Modal: Modal.extend({ classNames: modal }),
  // It confirms what was done. The region around it is the live one; an error is never shown here.
  Notification: Notification.extend({
    defaultProps: {
      role: "none",
      icon: createElement(IconCheck, { size: 16, stroke: 2, "aria-hidden": true }),
      withCloseButton: false,
      classNames: notification,
    },
  }),
  Popover: Popover.extend({ classNames: popover }),
  SegmentedControl: SegmentedControl.extend({ defaultProps: { transitionDuration: 0 }, classNames: segmented }),
  Select: Select.extend({ defaultProps: { allowDeselect: false, checkIconPosition: "left" }, classNames: select }),
  Skeleton: Skeleton.extend({ defaultProps: { animate: false, h: 10, radius: 5 }, classNames: skeleton }),
  Switch: Switch.extend({
    defaultProps: { labelPosition: "left", withThumbIndicator: false },
    classNames: toggle,
  }),
  TextInput: { defaultProps: typed },
};
