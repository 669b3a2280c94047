// The few pictures there are, drawn with lines in the colour of the text. Always beside words or a label.

const PATHS = {
  attach: "M13.5 7.5 8 13a3.5 3.5 0 0 1-5-5l6-6a2.3 2.3 0 0 1 3.3 3.3l-6 6a1.2 1.2 0 0 1-1.7-1.7l5.2-5.2",
  back: "M10 3 5 8l5 5",
  bell: "M8 1.8a4.2 4.2 0 0 0-4.2 4.2c0 4-1.6 5.2-1.6 5.2h11.6s-1.6-1.2-1.6-5.2A4.2 4.2 0 0 0 8 1.8ZM6.6 13.6a1.5 1.5 0 0 0 2.8 0",
  check: "m3 8.5 3.2 3.2L13 4.8",
  close: "m4 4 8 8m0-8-8 8",
  down: "M3.5 5.5 8 11.5l4.5-6Z",
  forward: "m6 3 5 5-5 5",
  lock: "M4 7.2h8v6H4Zm1.6 0V5.2a2.4 2.4 0 0 1 4.8 0v2",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z",
  person: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8Zm-5.2 5.6a5.2 5.2 0 0 1 10.4 0",
  plus: "M8 3v10M3 8h10",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  star: "m8 1.8 1.9 4 4.3.6-3.1 3 .8 4.3L8 11.7l-3.9 2 .8-4.3-3.1-3 4.3-.6Z",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13",
  up: "M3.5 10.5 8 4.5l4.5 6Z",
  warning: "M8 2 1.5 13.5h13ZM8 6.5v3.2M8 11.5v.3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
