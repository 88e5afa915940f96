"""The hand-off actions, one a file. rasa_sdk finds each by itself: it imports every module of this package."""
