/**
 * What the subpackages share about JetStream: names, definitions, and the API client.
 *
 * <ul>
 *   <li>Client: {@code JetStreamApi} asks the server, {@code JetStreamApis} makes it for either link. {@code JetStreamErrors} maps
 *       what the server refuses, {@code JetStreamJson} reads its JSON.
 *   <li>Definitions, which a caller wants: {@code StreamDefinition}, {@code ConsumerDefinition} with an {@code AckMode} and a {@code
 *       StartPosition}. {@code Declared} is the result. {@code ConfigurationFields} are the fields of one in JSON.
 *   <li>State, which the server reports: {@code StreamInfo}, {@code ConsumerInfo} with its {@code ConsumerPause}, {@code
 *       StoredMessage}; lists as a {@code ListPage}.
 *   <li>Names and requests: {@code ConsumerRef}, {@code Purge}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream;
