/** Several runs compared on the validation split: successive halving. */
package dev.whetstone.training.sweep;
