// A part of a screen, with the questions and errors that its actions bring up.
export { renderApp as renderScreen } from "./render";
