import { styleText } from 'node:util';

/** The few colours there are. */
export type Colour = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Gives text a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** Colours belong on a terminal only, and not where NO_COLOR or TERM=dumb say otherwise (no-color.org). */
export function paintFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Paint {
  const colourful = stream.isTTY && !env.NO_COLOR && stream.hasColors(env);
  return colourful ? (colour, text) => styleText(colour, text) : (_, text) => text;
}
