"""The studio: trainers teach Marrow here. One service under the web pages at /studio and the commands of ./marrow."""
