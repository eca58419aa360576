manners <&-
