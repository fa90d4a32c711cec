/** The few calls that a report of a sequence needs from Allure, and the one recorder behind both adapters. */
import type { Status, StatusDetails } from 'allure-js-commons';
import type { RuntimeMessage } from 'allure-js-commons/sdk';

/** What is known about the whole test beside labels, steps and attachments; times are epoch milliseconds. */
export interface TestFacts {
  readonly status: Status;
  readonly details: StatusDetails;
  readonly start: number;
  readonly stop: number;
  readonly fullName: string;
  readonly titlePath: readonly string[];
}

export interface AllureCalls {
  title(name: string): void;
  /** Identity over runs: the same sequence on the same target has one history. */
  identity(testCaseId: string, historyId: string): void;
  label(name: string, value: string): void;
  link(url: string, name: string, type: string): void;
  parameter(name: string, value: string): void;
  /** Markdown. */
  description(markdown: string): void;
  /** @param at epoch milliseconds. */
  beginStep(name: string, at: number): void;
  endStep(status: Status, at: number, details?: StatusDetails): void;
  attachment(name: string, type: string, content: string): void;
  facts(facts: TestFacts): void;
}

/** Carries {@link TestFacts} through allure-vitest, which would make status and details up from the thrown error. */
export const FACTS_LABEL = 'sgp33.facts';

const EXTENSIONS: Readonly<Record<string, string>> = { 'text/plain': '.txt', 'text/html': '.html' };

/** Records the calls as Allure's own runtime messages; an adapter then hands them to whichever runtime it has. */
export class MessageRecorder implements AllureCalls {
  readonly messages: RuntimeMessage[] = [];

  title(name: string): void {
    this.messages.push({ type: 'metadata', data: { displayName: name } });
  }

  identity(testCaseId: string, historyId: string): void {
    this.messages.push({ type: 'metadata', data: { testCaseId, historyId } });
  }

  label(name: string, value: string): void {
    this.messages.push({ type: 'metadata', data: { labels: [{ name, value }] } });
  }

  link(url: string, name: string, type: string): void {
    this.messages.push({ type: 'metadata', data: { links: [{ url, name, type }] } });
  }

  parameter(name: string, value: string): void {
    this.messages.push({ type: 'metadata', data: { parameters: [{ name, value }] } });
  }

  description(markdown: string): void {
    this.messages.push({ type: 'metadata', data: { description: markdown } });
  }

  beginStep(name: string, at: number): void {
    this.messages.push({ type: 'step_start', data: { name, start: at } });
  }

  endStep(status: Status, at: number, details?: StatusDetails): void {
    const data = { status, stop: at };
    this.messages.push({
      type: 'step_stop',
      data: details === undefined ? data : { ...data, statusDetails: details },
    });
  }

  attachment(name: string, type: string, content: string): void {
    this.messages.push({
      type: 'attachment_content',
      data: {
        name,
        content: Buffer.from(content, 'utf8').toString('base64'),
        encoding: 'base64',
        contentType: type,
        fileExtension: EXTENSIONS[type] ?? '.bin',
        wrapInStep: false,
      },
    });
  }

  facts(facts: TestFacts): void {
    this.label(FACTS_LABEL, JSON.stringify(facts));
  }
}
