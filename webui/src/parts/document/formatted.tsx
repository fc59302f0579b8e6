import type { ReactNode } from "react";
import { type Block, blocksOf, type Inline } from "./markdown";

/** Markdown in the look of the page: text and nothing but text. */
export function Formatted({ text }: { text: string }) {
  return (
    <div className="mx-auto grid w-full max-w-2xl gap-4 text-base leading-relaxed wrap-anywhere">
      {blocksOf(text).map((block, at) => (
        <Shown key={at} block={block} />
      ))}
    </div>
  );
}

const SIZES = ["text-2xl", "text-xl", "text-lg", "text-base", "text-base", "text-base"];

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      return <Heading level={block.level} inline={block.inline} />;
    case "paragraph":
      return (
        <p dir="auto" className="whitespace-pre-line">
          <Line inline={block.inline} />
        </p>
      );
    case "quote":
      return (
        <blockquote dir="auto" className="border-s-2 border-accent ps-4 whitespace-pre-line text-muted">
          <Line inline={block.inline} />
        </blockquote>
      );
    case "list":
      return <List ordered={block.ordered} items={block.items} />;
    case "code":
      return (
        <pre dir="ltr" className="overflow-x-auto rounded-md bg-raised p-3 font-mono text-sm">
          {block.text}
        </pre>
      );
    case "table":
      return <Cells rows={block.rows} />;
    case "rule":
      return <hr className="border-line" />;
  }
}

const HEADINGS = ["h2", "h3", "h4", "h5", "h6", "h6"] as const; // the page has its own first one

function Heading({ level, inline }: { level: number; inline: Inline[] }) {
  const Tag = HEADINGS[level - 1] ?? "h6";
  return (
    <Tag dir="auto" className={`pt-2 font-serif font-semibold ${SIZES[level - 1]}`}>
      <Line inline={inline} />
    </Tag>
  );
}

// A list and a table begin at the side at which their words do; each entry is read in its own direction.
const OWN_WAY = "[unicode-bidi:plaintext]";

function List({ ordered, items }: { ordered: boolean; items: Inline[][] }) {
  const entries = items.map((item, at) => (
    <li key={at} className={OWN_WAY}>
      <Line inline={item} />
    </li>
  ));
  const [Tag, look] = ordered ? (["ol", "list-decimal ps-6"] as const) : (["ul", "list-disc ps-6"] as const);
  return (
    <Tag dir="auto" className={look}>
      {entries}
    </Tag>
  );
}

function Cells({ rows: [head = [], ...body] }: { rows: Inline[][][] }) {
  return (
    <table dir="auto" className="w-fit border-collapse text-md">
      <thead className="bg-raised">
        <tr>
          {head.map((cell, at) => (
            <th key={at} scope="col" className={`px-3 py-1.5 text-start font-medium ${OWN_WAY}`}>
              <Line inline={cell} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {body.map((row, at) => (
          <tr key={at} className="border-t border-line">
            {row.map((cell, column) => (
              <td key={column} className={`px-3 py-1.5 ${OWN_WAY}`}>
                <Line inline={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Line({ inline }: { inline: Inline[] }): ReactNode {
  return inline.map((part, at) => <Part key={at} part={part} />);
}

function Part({ part }: { part: Inline }) {
  switch (part.kind) {
    case "strong":
      return <strong>{part.text}</strong>;
    case "em":
      return <em>{part.text}</em>;
    case "code":
      return <code className="rounded-sm bg-raised px-1 font-mono text-md">{part.text}</code>;
    case "link":
      return (
        <a
          href={part.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="text-accent underline underline-offset-2"
        >
          {part.text}
        </a>
      );
    default:
      return part.text;
  }
}
