package dev.sluice.http;

import static org.hamcrest.Matchers.blankOrNullString;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;

/** Checks problem documents. */
public final class ProblemResponse {
    private ProblemResponse() {}

    /** Checks that {@code response} is the problem {@code type}, the last part of its URI, and reveals no internals. */
    public static ValidatableResponse problem(Response response, int status, String type) {
        return response.then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/" + type))
                .body("status", equalTo(status))
                .body("detail", not(blankOrNullString()))
                .body(not(containsString("Exception")))
                .body(not(containsString("dev.sluice")))
                .body(not(matchesPattern("(?s).*\\bat [a-z]+\\..*")));
    }
}
