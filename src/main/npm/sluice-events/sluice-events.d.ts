/** A parameter of the query; an array gives it several times. */
export type Parameter = string | number | boolean | readonly (string | number | boolean)[]

/** The parameters of `GET /v1/events`. */
export interface TailQuery {
  subject?: string | readonly string[]
  source?: 'core' | 'stream'
  format?: 'json' | 'raw'
  queue?: string
  from?: string
  tail?: number | string
  contains?: string | readonly string[]
  match?: string | readonly string[]
  not?: string | readonly string[]
  header?: string | readonly string[]
  level?: 'debug' | 'info' | 'warn' | 'error'
  ticket?: string
  [name: string]: Parameter | undefined
}

/** The parameters of `GET /v1/buckets/{bucket}/events`. */
export interface WatchQuery {
  key?: string | readonly string[]
  from?: 'new' | 'history'
  values?: boolean | 'true' | 'false'
  ticket?: string
  [name: string]: Parameter | undefined
}

/** The parameters of `GET /v1/object-stores/{store}/events`. */
export interface WatchObjectsQuery {
  name?: string | readonly string[]
  prefix?: string
  from?: 'new'
  ticket?: string
  [name: string]: Parameter | undefined
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

export type CloseReason = 'lifetime' | 'shutdown' | 'forbidden'

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
  /** After a sleep, `disconnected` comes with the time in ms at which the page was last awake. */
  status?(state: Status, since?: number): void
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
