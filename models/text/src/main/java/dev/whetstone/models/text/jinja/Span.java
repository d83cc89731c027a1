package dev.whetstone.models.text.jinja;

/** Half-open range of UTF-16 units of a rendered text that a {@code generation} block wrote. */
public record Span(int start, int end) {}
