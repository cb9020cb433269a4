"""Convolutional networks of images."""
