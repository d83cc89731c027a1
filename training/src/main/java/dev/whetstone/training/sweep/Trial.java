package dev.whetstone.training.sweep;

/**
 * One run of a sweep.
 *
 * @param round from 0
 * @param steps optimizer steps
 * @param lossNats lowest loss on the validation split
 * @param folder of the run, within the sweep's
 */
public record Trial(
    int round, double learningRate, int rank, int steps, double lossNats, String folder) {}
