// Numbers over time as an area, in SVG.
const NAMESPACE = 'http://www.w3.org/2000/svg'

/** The path of an area under points of [x, y] from 0 to 1, in a box of a width and a height. */
export function area(points, width, height) {
  if (!points.length) return ''
  const at = ([x, y]) => `${(x * width).toFixed(1)} ${(height - y * (height - 1)).toFixed(2)}`
  const [first] = points[0]
  const [last] = points.at(-1)
  return `M${(first * width).toFixed(1)} ${height}L${points.map(at).join('L')}L${(last * width).toFixed(1)} ${height}Z`
}

/** The plot of points with the meaning `label`. It takes the size of its place. */
export function plot(points, label, { width = 120, height = 24 } = {}) {
  const made = document.createElementNS(NAMESPACE, 'svg')
  made.setAttribute('viewBox', `0 0 ${width} ${height}`)
  made.setAttribute('preserveAspectRatio', 'none')
  made.setAttribute('role', 'img')
  made.setAttribute('aria-label', label)
  made.setAttribute('class', 'plot')
  const path = document.createElementNS(NAMESPACE, 'path')
  path.setAttribute('d', area(points, width, height))
  made.append(path)
  return made
}
