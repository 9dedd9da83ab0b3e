// Texts in a text area, which makes every line end of them LF. What is not edited stays as it was.

/** The text as a text area has it. */
const inArea = text => text.replaceAll(/\r\n?/g, '\n')

const ends = text => [...new Set(text.match(/\r\n|\r|\n/g))]

/** Whether a text area can edit the text: its line ends are all of one kind. */
export const editable = text => ends(text).length < 2

/** The text of an area that was filled with `before`, with the line ends of that. */
export const edited = (text, before) => text === inArea(before) ? before : text.replaceAll('\n', ends(before)[0] ?? '\n')
