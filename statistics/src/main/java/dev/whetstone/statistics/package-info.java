/**
 * Intervals, paired tests, corrections and power: pure functions on numbers. Nothing here knows a
 * file or a benchmark. What the data cannot tell is an empty optional, never a made-up 0.
 *
 * <p>Letters of formulas: {@code n} documents, {@code z} and {@code t} quantiles, {@code b} and
 * {@code c} discordant pairs, {@code psi} their share.
 */
package dev.whetstone.statistics;
