import { JsonObject } from '@countersign/protocol';
import type { CallToolResult, Tool as ListedTool, ToolAnnotations } from '@modelcontextprotocol/server';
import { ProtocolError } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Bridge } from '../bridge/bridge.ts';
import { toldError } from '../bridge/upstream-error.ts';
import { markedData } from '../data/marked-data.ts';

/** What a tool answers: typed content, and how its JSON is given to a model. */
export interface ToolAnswer<Content> {
  readonly content: Content;
  /** The text for the model, made of the content as JSON: as it is where all words are this program's own, else between marks. */
  text(json: string): string;
}

/** An answer in words of this program's own. */
export function ownWords<Content>(content: Content): ToolAnswer<Content> {
  return { content, text: (json) => json };
}

/** An answer that holds text from elsewhere; `what` says whose. */
export function dataFrom<Content>(what: string, content: Content): ToolAnswer<Content> {
  return { content, text: (json) => markedData(what, json) };
}

/** A tool as it is listed and called. */
export interface Tool {
  readonly listed: ListedTool;
  /** Refusals that a caller can act on are results with `isError`; an unknown id is a ProtocolError. */
  call(given: unknown, bridge: Bridge): Promise<CallToolResult>;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  run(input: z.output<Input>, bridge: Bridge): Promise<ToolAnswer<z.input<Output>>>;
}

const jsonSchema = (schema: z.ZodObject, io: 'input' | 'output') => ({
  ...JsonObject.parse(z.toJSONSchema(schema, { io })),
  type: 'object' as const,
});

function refusal(code: string, message: string, next: string | null): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify({ code, message, next }) }], isError: true };
}

function inputRefusal(error: z.ZodError): CallToolResult {
  const issues = error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'arguments'}: ${message}`);
  return refusal('E_VALIDATION', issues.join('; '), 'mend these arguments and call again');
}

/** Makes a tool of its schemas and what it does. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, annotations, input, output } = definition;
  return {
    listed: {
      name,
      title,
      description,
      annotations: { title, openWorldHint: false, ...annotations },
      inputSchema: jsonSchema(input, 'input'),
      outputSchema: jsonSchema(output, 'output'),
    },
    async call(given, bridge) {
      const parsed = input.safeParse(given);
      if (!parsed.success) return inputRefusal(parsed.error);
      try {
        const answer = await definition.run(parsed.data, bridge);
        const structuredContent = output.parse(answer.content);
        const text = answer.text(JSON.stringify(structuredContent));
        return { content: [{ type: 'text', text }], structuredContent };
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        const told = toldError(error);
        if (told === null) throw error;
        const { code, message, field, next } = told;
        return refusal(code, field === null ? message : `${field}: ${message}`, next);
      }
    },
  };
}
