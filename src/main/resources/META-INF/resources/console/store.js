// What the list shows: messages and notices in the order in which they came, at most ENTRIES and CHARACTERS of them.
//
// While paused, new entries wait apart, under the same bound, so that nothing moves under the reader. A reader who comes to
// the end of the list takes the next ones. For older messages there is always room: the newest ones of the list wait again.
// What exceeds the bound while paused is counted and becomes a notice, which knows where a stream has it.
const ENTRIES = 50_000
const CHARACTERS = 64 * 1024 * 1024
const SLACK = 1_000 // entries beyond the bound that are removed together
const OLDER = { entries: 5_000, characters: 4 * 1024 * 1024 } // that come at once into a list that is full

/** The newest entries, at most as many, and with as many characters of payload, subject and headers, as there is room for. */
export class Bounded {
  entries = []
  #characters = 0
  #most

  /** @param most {entries, characters} */
  constructor(most = { entries: ENTRIES, characters: CHARACTERS }) {
    this.#most = most
  }

  get room() {
    return { entries: Math.max(0, this.#most.entries - this.entries.length), characters: Math.max(0, this.#most.characters - this.#characters) }
  }

  /** Adds an entry, and now and then removes those beyond the bound. Returns what was removed. */
  add(entry) {
    this.entries.push(entry)
    this.#characters += weight(entry)
    const exceeds = this.entries.length > this.#most.entries + SLACK || this.#characters > this.#most.characters + SLACK * 1_024
    return exceeds ? this.trim() : []
  }

  prepend(entries) {
    this.entries = [...entries, ...this.entries]
    for (const entry of entries) this.#characters += weight(entry)
  }

  /** Removes and returns the oldest entries. */
  take(count) {
    const taken = this.#remove(count)
    for (const entry of taken) this.#characters -= weight(entry)
    return taken
  }

  /** Removes and returns the oldest entries beyond the bound. */
  trim() {
    let count = Math.max(0, this.entries.length - this.#most.entries)
    let rest = this.#characters
    for (let i = 0; i < count; i++) rest -= weight(this.entries[i])
    while (rest > this.#most.characters && count < this.entries.length - 1) rest -= weight(this.entries[count++])
    this.#characters = rest
    return this.#remove(count)
  }

  /** Removes and returns the newest entries beyond the bound. */
  cut() {
    let length = Math.min(this.entries.length, this.#most.entries)
    for (const entry of this.entries.slice(length)) this.#characters -= weight(entry)
    while (this.#characters > this.#most.characters && length > 1) this.#characters -= weight(this.entries[--length])
    const removed = this.entries.slice(length)
    if (removed.length) this.entries = this.entries.slice(0, length)
    return removed
  }

  // In a new array: who shows the one before can still tell which entry was where.
  #remove(count) {
    const removed = this.entries.slice(0, count)
    this.entries = this.entries.slice(count)
    return removed
  }
}

function weight({ text, subject = '', headers = {} }) {
  let characters = text.length + subject.length
  for (const [name, values] of Object.entries(headers)) for (const value of values) characters += name.length + value.length
  return characters
}

/** How many messages the entries are, with those that notices among them tell to be missing. */
const messagesOf = entries => entries.reduce((sum, { kind, passed = 0 }) => sum + (kind === 'message' ? 1 : passed), 0)

/** The first sequence of the entries, with those that notices among them lead to; undefined if there is none. */
const firstOf = entries => entries.map(({ seq, from }) => seq ?? from).find(seq => seq !== undefined)

export class Store {
  #kept = new Bounded()
  #waiting = new Bounded()
  #hidden = new Set()
  #shown
  #passed = 0
  #passedFrom // the sequence of the first one that passed
  #arrived = 0
  #ahead = 0 // entries that do not wait although the list is paused
  #number = 0
  #changed
  #passedBy
  paused = false

  /**
   * @param changed called after every change of what is shown
   * @param passedBy makes the notice for a number of messages that the bound removed while paused, and the sequence of the
   *   first of them
   */
  constructor(changed, passedBy) {
    this.#changed = changed
    this.#passedBy = passedBy
  }

  add(entry) {
    entry.number = ++this.#number
    const waits = this.paused && !this.#ahead
    if (waits) {
      this.#pass(this.#waiting.add(entry))
      if (entry.kind === 'message') this.#arrived++
    } else {
      this.#kept.add(entry)
      if (this.paused) this.#ahead--
      this.#touch()
    }
  }

  /**
   * Puts older messages before all others; the caller asks `room` first. While paused, the newest ones beyond the bound wait
   * again: returns whether there are such.
   */
  prepend(entries) {
    for (const entry of entries) entry.number = ++this.#number
    this.#kept.prepend(entries)
    const newest = this.paused ? this.#kept.cut() : []
    if (newest.length) this.#return(newest)
    this.#touch()
    return newest.length > 0
  }

  /** How much older messages may be: {entries, characters}. */
  get room() {
    const { entries, characters } = this.#kept.room
    return { entries: Math.max(entries, OLDER.entries), characters: Math.max(characters, OLDER.characters) }
  }

  /** Whether the first entry is the notice that nothing is stored before it. The bound removes it with the oldest messages. */
  get complete() {
    return Boolean(this.#kept.entries[0]?.beginning)
  }

  /** The number of messages that wait, including those that the bound removed. */
  get waiting() {
    return this.#arrived
  }

  pause() {
    this.paused = true
    this.#touch()
  }

  /** Shows the next entries, those that wait and those that come, and stays paused. */
  take(count) {
    if (!this.paused) return
    this.#tellPassed() // where they are missing: between what is kept and what waits
    const taken = this.#waiting.take(count)
    for (const entry of taken) this.#kept.add(entry)
    this.#arrived -= messagesOf(taken)
    this.#ahead = count - taken.length
    this.#touch()
  }

  resume() {
    this.paused = false
    this.#pass(this.#waiting.trim())
    for (const entry of this.#waiting.entries) this.#kept.add(entry)
    this.#kept.trim()
    // At the end, where the reader is. The place where they are missing is the next that the bound removes.
    this.#tellPassed()
    this.#forget()
  }

  // If messages have passed between these and those that wait, these pass, too.
  #return(entries) {
    this.#ahead = 0
    this.#arrived += messagesOf(entries)
    if (this.#passed) {
      this.#passedFrom = firstOf(entries) ?? this.#passedFrom
      this.#passed += messagesOf(entries)
    } else {
      this.#waiting.prepend(entries)
      this.#pass(this.#waiting.trim())
    }
  }

  #pass(entries) {
    this.#passedFrom ??= firstOf(entries)
    this.#passed += messagesOf(entries)
  }

  #tellPassed() {
    if (!this.#passed) return
    this.#kept.add({ ...this.#passedBy(this.#passed, this.#passedFrom), passed: this.#passed, number: ++this.#number })
    this.#arrived -= this.#passed
    this.#passed = 0
    this.#passedFrom = undefined
  }

  clear() {
    this.#kept = new Bounded()
    this.#forget()
  }

  #forget() {
    this.#waiting = new Bounded()
    this.#passed = this.#arrived = this.#ahead = 0
    this.#passedFrom = undefined
    this.#touch()
  }

  hide(subjects) {
    this.#hidden = new Set(subjects)
    this.#touch()
  }

  /** The entries without those of hidden subjects. */
  get shown() {
    this.#shown ??= this.#hidden.size
      ? this.#kept.entries.filter(entry => !this.#hidden.has(entry.subject))
      : this.#kept.entries
    return this.#shown
  }

  /** The oldest message that is kept, hidden or not. */
  get oldest() {
    return this.#kept.entries.find(entry => entry.kind === 'message')
  }

  #touch() {
    this.#shown = undefined
    this.#changed()
  }
}
