import type { ElementType, Key, ReactElement } from "react";
import * as react from "react/jsx-runtime";
import { isolateProps } from "./isolated";

export type { JSX } from "react";
export { Fragment } from "react";

type Props = Record<string, unknown>;

export const jsx = (type: ElementType, props: Props, key?: Key): ReactElement =>
  react.jsx(type, isolateProps(type, props), key);

export const jsxs = (type: ElementType, props: Props, key?: Key): ReactElement =>
  react.jsxs(type, isolateProps(type, props), key);
