package dev.whetstone.datasets.quality;

/**
 * What was said of a labelled row that was not learned from.
 *
 * @param logit log-odds that it is good, before calibration
 * @param probability that it is good, after calibration; in 0..1
 * @param good its label
 */
public record Prediction(double logit, double probability, boolean good) {}
