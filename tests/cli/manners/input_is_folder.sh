mkdir folder
manners folder
