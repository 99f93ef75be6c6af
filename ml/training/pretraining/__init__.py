"""Pretraining of VGG16's trunk on piles of shoe pictures: several label sets at once, and teachers to imitate."""
