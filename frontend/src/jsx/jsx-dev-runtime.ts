import type { ElementType, Key, ReactElement } from "react";
import * as react from "react/jsx-dev-runtime";
import { isolateProps } from "./isolated";

export type { JSX } from "react";
export { Fragment } from "react";

type Rest = [key: Key | undefined, isStatic: boolean, source?: react.JSXSource, self?: unknown];

export const jsxDEV = (type: ElementType, props: Record<string, unknown>, ...rest: Rest): ReactElement =>
  react.jsxDEV(type, isolateProps(type, props), ...rest);
