type Plain = string | number | boolean

/** A parameter of the query: its value, or what is asked for it before each connection, for example for a ticket. */
export type Value<T> = T | null | undefined | (() => T | null | undefined | Promise<T | null | undefined>)

/** A parameter of the query; an array gives it several times, undefined and null leave it out. */
export type Parameter = Value<Plain | readonly Plain[]>

/** The parameters of `GET /v1/events`. */
export interface TailQuery {
  subject?: Value<string | readonly string[]>
  source?: Value<'core' | 'stream'>
  format?: 'json' | 'raw'
  queue?: Value<string>
  from?: Value<string>
  tail?: Value<number | string>
  contains?: Value<string | readonly string[]>
  match?: Value<string | readonly string[]>
  not?: Value<string | readonly string[]>
  header?: Value<string | readonly string[]>
  level?: Value<'debug' | 'info' | 'warn' | 'error'>
  ticket?: Value<string>
  [name: string]: Parameter
}

/** The parameters of `GET /v1/buckets/{bucket}/events`. */
export interface WatchQuery {
  key?: Value<string | readonly string[]>
  from?: Value<'new' | 'history'>
  values?: Value<boolean | 'true' | 'false'>
  ticket?: Value<string>
  [name: string]: Parameter
}

/** The parameters of `GET /v1/object-stores/{store}/events`. */
export interface WatchObjectsQuery {
  name?: Value<string | readonly string[]>
  prefix?: Value<string>
  from?: Value<'new'>
  ticket?: Value<string>
  [name: string]: Parameter
}

export interface Message {
  subject: string
  /** The sequence in the stream; absent on a core source. */
  seq?: number
  time: string
  headers: Record<string, string[]>
  data?: string
  /** The payload if it is not UTF-8. */
  data_base64?: string
}

export interface Entry {
  key: string
  revision: number
  time: string
  operation: 'put' | 'delete' | 'purge' | 'expire'
  headers: Record<string, string[]>
  value?: string
  /** The value if it is not UTF-8. */
  value_base64?: string
}

/** An object without its content; a deletion has only the first four members. */
export interface ObjectEntry {
  name: string
  revision: number
  modified: string
  operation: 'put' | 'delete'
  description?: string
  size?: number
  chunks?: number
  digest?: string
  headers?: Record<string, string[]>
  metadata?: Record<string, string>
  link?: { store: string; name?: string }
}

/** Sequences that are stored no longer, or why everything follows anew. */
export type Gap = { from: number; to: number; reason?: undefined } | { reason: 'stream-recreated' | 'purged' }

export type Status = 'connected' | 'reconnecting' | 'disconnected' | 'refused'

export type CloseReason = 'lifetime' | 'shutdown' | 'forbidden' | 'slow'

/** A problem document (RFC 9457). */
export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  instance?: string
  [member: string]: unknown
}

export interface Listeners {
  /**
   * After a sleep, `disconnected` comes with the time in ms at which the page was last awake; after a function of the query
   * failed, with its failure.
   */
  status?(state: Status, since?: number, failure?: unknown): void
  closed?(reason: CloseReason): void
  /** The request would fail again and is not repeated. */
  refused?(problem: Problem): void
}

export interface TailListeners<M = Message> extends Listeners {
  message?(message: M, event: MessageEvent): void
  gap?(gap: Gap): void
  dropped?(count: number): void
}

export interface WatchListeners<E = Entry> extends Listeners {
  change?(entry: E, event: MessageEvent): void
  current?(revision: number): void
  /** @param keys the keys or names that were removed from the entries: they may be there no longer */
  gap?(gap: Gap, keys: string[]): void
}

export interface Options {
  /** The address, without a query. */
  url?: string
}

export interface TailOptions extends Options {
  /** The tail goes on after this event, which another tail has told. */
  lastEventId?: string
}

export interface Live {
  close(): void
  readonly lastEventId: string
}

export interface Watch<E = Entry> extends Live {
  /** The known values by key, or objects by name; complete once `current` was called. */
  readonly entries: ReadonlyMap<string, E>
}

/** Tails subjects until it is closed or refused. */
export function tail(query: TailQuery & { format: 'raw' }, on: TailListeners<string>, options?: TailOptions): Live
export function tail(query: TailQuery, on: TailListeners, options?: TailOptions): Live

/** Watches keys of a bucket until it is closed or refused. */
export function watch(bucket: string, query: WatchQuery, on: WatchListeners, options?: Options): Watch

/** Watches objects of a store until it is closed or refused. */
export function watchObjects(
  store: string,
  query: WatchObjectsQuery,
  on: WatchListeners<ObjectEntry>,
  options?: Options,
): Watch<ObjectEntry>
