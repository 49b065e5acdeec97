/** The terminal's library, apart from the rest of the door: it is only loaded with a terminal. */
import "@xterm/xterm/css/xterm.css";

export { FitAddon } from "@xterm/addon-fit";
export { Terminal as XTerm } from "@xterm/xterm";
