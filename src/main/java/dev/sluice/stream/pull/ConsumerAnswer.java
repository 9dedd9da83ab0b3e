package dev.sluice.stream.pull;

/** How the server answers a question about a consumer. */
sealed interface ConsumerAnswer {

    /** It exists. */
    record Known(ConsumerFacts facts) implements ConsumerAnswer {}

    /** It, or its stream, does not exist. */
    record Missing(int errorCode, String description) implements ConsumerAnswer {}

    /** The server will not, and asking again changes nothing. */
    record Refused(int errorCode, String description) implements ConsumerAnswer {}

    /** No answer, or one that only says to ask again later. */
    record Unanswered(String why) implements ConsumerAnswer {}
}
